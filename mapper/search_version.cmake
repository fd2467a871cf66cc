# Writes OUTPUT with a hash of all sources below SOURCE that decide what a search of the mapper finds. Run as a script at
# every build; the file is rewritten only when the hash changes.
file(GLOB_RECURSE files LIST_DIRECTORIES false
  ${SOURCE}/mapper/*.h ${SOURCE}/mapper/*.cpp ${SOURCE}/workloads/*.h ${SOURCE}/workloads/*.cpp
  ${SOURCE}/models/arch/*.h ${SOURCE}/models/arch/*.cpp ${SOURCE}/models/program/*.h ${SOURCE}/models/program/*.cpp
  ${SOURCE}/models/energy/*.h ${SOURCE}/models/energy/*.cpp ${SOURCE}/models/energy/tables/*.json
  ${SOURCE}/models/memory/dram/*.h ${SOURCE}/models/memory/dram/*.cpp ${SOURCE}/models/memory/dram/*.json)
list(SORT files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${file} hash)
  string(APPEND hashes ${hash})
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 16 hash)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define CHASM_SEARCH_VERSION \"${hash}\"\n" @ONLY)
