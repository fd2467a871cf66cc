# Writes OUTPUT with the revision of the git checkout at SOURCE: "unknown" outside git, "-dirty" where
# tracked files were changed. Run as a script at every build.
set(revision "unknown")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE answer RESULT_VARIABLE failed ERROR_QUIET
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    set(revision "${answer}")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define CHASM_GIT_REVISION \"${revision}\"\n" @ONLY)
