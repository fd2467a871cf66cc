// Unit energies and areas: what one action costs, and who says so. A table is a JSON file
// (docs/formats.md, "Energy tables"); plain numbers go in, because this folder knows nothing of
// architectures.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/named_document.h"
#include "models/energy/interpolation.h"

namespace chasm {

enum class PeOperation : std::uint8_t { multiply, shift, adder, vector };
enum class DatapathUnit : std::uint8_t { multiply, add, shift };
inline constexpr std::size_t kPeOperations = 4;
inline constexpr std::size_t kDatapathUnits = 3;
const char* to_string(PeOperation);
const char* to_string(DatapathUnit);

struct UnitEnergy {
  double pj = 0;
  std::string source;
};
struct UnitArea {
  double mm2 = 0;
  std::string source;
};

// An SRAM of equal banks.
struct BufferShape {
  std::uint64_t capacity_bytes = 0;  // of all banks
  std::uint32_t banks = 1;
  std::uint32_t word_bytes = 1;  // width of a port
};

// The content of a table, as read.
struct EnergyTableData {
  struct Note {
    std::string node, source;
  };
  struct Term {
    DatapathUnit unit = DatapathUnit::add;
    bool at_psum_width = false;  // else at operand width
  };
  struct Characteristic : Note {
    Curve curve;
  };
  struct RegisterFile : Note {
    double word_bits = 16;
    Curve read, write;  // pJ an access, by words
  };
  struct PerBit : Note {
    double value = 0;
  };
  struct Buffer : Note {
    struct Port {
      double bits = 0;
      Curve read, write;  // pJ an access, by KiB of a bank
    };
    std::vector<Port> ports;  // bits ascending
  };
  struct Dram : Note {
    double read = 0, write = 0;  // pJ a bit
  };
  struct Leakage : Note {
    double buffer_uw_per_kib = 0, fixed_uw = 0;
  };
  struct Clock : Note {
    double per_pe = 0, fixed = 0;  // pJ a core cycle: of each PE, and of everything else
  };
  using Datapath = std::array<std::optional<Characteristic>, kDatapathUnits>;
  struct Area {
    Datapath datapath;         // um2, by bits
    PerBit register_file_bit;  // um2
    Characteristic buffer;     // mm2, by KiB of a bank
  };

  std::string name, description;
  std::array<std::vector<Term>, kPeOperations>
      operations;     // empty: the table does not know the operation
  Datapath datapath;  // pJ, by bits
  RegisterFile register_file;
  PerBit bus, neighbour;
  Buffer buffer;
  std::map<std::string, Dram> dram;  // by standard
  Leakage leakage;
  Clock clock;
  std::optional<Area> area;
};

class EnergyTable {
 public:
  explicit EnergyTable(EnergyTableData data) : data_(std::move(data)) {}

  const std::string& name() const { return data_.name; }
  const std::string& description() const { return data_.description; }

  // One operation of a PE. None where the table has no entry for it.
  std::optional<UnitEnergy> pe_operation(PeOperation, std::uint32_t operand_bits,
                                         std::uint32_t psum_bits) const;
  // One access of a register file of `words` words of `bits` bits.
  UnitEnergy register_file_read(std::uint64_t words, std::uint32_t bits) const;
  UnitEnergy register_file_write(std::uint64_t words, std::uint32_t bits) const;
  UnitEnergy bus_word(std::uint32_t bits) const;
  UnitEnergy neighbour_hop(std::uint32_t bits) const;
  // A word of `bits` bits as its share of a full access: words are packed, so an access of a bank
  // moves 8 word_bytes / bits of them.
  UnitEnergy buffer_read(const BufferShape&, std::uint32_t bits) const;
  UnitEnergy buffer_write(const BufferShape&, std::uint32_t bits) const;
  // None where the table does not know the standard.
  std::optional<UnitEnergy> dram_read_bit(std::string_view standard) const;
  std::optional<UnitEnergy> dram_write_bit(std::string_view standard) const;
  UnitEnergy leakage_per_cycle(std::uint64_t buffer_bytes, double clock_hz) const;
  // Of the clock tree, in a core cycle: a PE's part, and what is not the PEs'.
  UnitEnergy clock_per_pe_cycle() const;
  UnitEnergy clock_per_cycle() const;

  // None where the table has no areas.
  std::optional<UnitArea> pe_datapath_area(PeOperation, std::uint32_t operand_bits,
                                           std::uint32_t psum_bits) const;
  std::optional<UnitArea> register_file_area(std::uint64_t words, std::uint32_t bits) const;
  std::optional<UnitArea> buffer_area(const BufferShape&) const;

 private:
  EnergyTableData data_;
};

// A shipped name or a path. Unknown names get a did-you-mean; a table with missing or unknown keys
// is refused.
std::optional<EnergyTable> load_energy_table(const std::string& name_or_path, Diagnostics&);
const ShippedDocuments& shipped_energy_tables();
std::vector<std::string> energy_table_names();
std::string_view energy_table_text(std::string_view name);  // empty when there is none of that name
// The text of a shipped table or a file; empty where there is neither. For telling tables apart.
std::string energy_table_content(const std::string& name_or_path);
std::string_view energy_table_schema();

}  // namespace chasm
