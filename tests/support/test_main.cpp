// One main for every test program. SystemC is linked, so sc_main must exist; a warning of its
// kernel (a port left open, a name used twice) fails the test in which it appears.
#include <gtest/gtest.h>
#include <systemc>

int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  return RUN_ALL_TESTS();
}
