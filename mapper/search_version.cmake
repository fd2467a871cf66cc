# Writes OUTPUT with a hash of all sources below SOURCE that decide what a search of the mapper finds, or the simulator that judges it. Run as a script at
# every build; the file is rewritten only when the hash changes.
file(GLOB_RECURSE files LIST_DIRECTORIES false
  ${SOURCE}/mapper/*.h ${SOURCE}/mapper/*.cpp ${SOURCE}/workloads/*.h ${SOURCE}/workloads/*.cpp
  ${SOURCE}/models/*.h ${SOURCE}/models/*.cpp ${SOURCE}/models/energy/tables/*.json ${SOURCE}/models/memory/dram/*.json
  ${SOURCE}/sim/run/*.h ${SOURCE}/sim/run/*.cpp)
list(SORT files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${file} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 16 hash)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define CHASM_SEARCH_VERSION \"${hash}\"\n" @ONLY)
