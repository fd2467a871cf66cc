// One main for every test program: SystemC is linked, so sc_main must exist, and its banner must
// not.
#include <gtest/gtest.h>
#include <systemc>

int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
