#include "models/memory/dram/address_map.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/check.h"

namespace chasm {
namespace {

struct FieldName {
  const char* token;  // in a mapping's name
  const char* key;    // in a bit list
};
constexpr std::array<FieldName, DramAddressMap::kFields> kNames = {{{"Ro", "row"},
                                                                    {"Ra", "rank"},
                                                                    {"Ba", "bank"},
                                                                    {"Bg", "bank_group"},
                                                                    {"Co", "column"},
                                                                    {"Ch", "channel"}}};
constexpr std::uint32_t kLineBits = 6;

std::uint32_t bits_of(std::uint32_t values) {
  return static_cast<std::uint32_t>(std::countr_zero(values));
}

}  // namespace

// Takes the mapping apart; every problem is reported.
class AddressMapMaker {
 public:
  AddressMapMaker(const DramConfig& config, const std::string& file, Diagnostics& out)
      : config_(config), file_(file), out_(out) {
    const DramOrganisation& o = config.organisation;
    sizes_ = {bits_of(o.rows),        bits_of(o.ranks),           bits_of(o.banks_per_group),
              bits_of(o.bank_groups), bits_of(o.lines_per_row()), bits_of(o.channels)};
    for (const std::uint32_t bits : sizes_) map_.line_bits_ += bits;
    map_.bank_groups_ = o.bank_groups;
    map_.banks_per_group_ = o.banks_per_group;
  }

  std::optional<DramAddressMap> make() {
    const std::size_t before = out_.error_count();
    if (config_.mapping.starts_with("{"))
      from_bits();
    else
      from_name();
    if (out_.error_count() != before) return std::nullopt;
    return std::move(map_);
  }

 private:
  void error(const std::string& at, const std::string& message, const std::string& hint = {}) {
    out_.error(file_, at, message, hint);
  }

  // Fields come from the least significant end, so the name is read backwards.
  void from_name() {
    const std::string& name = config_.mapping;
    std::array<bool, DramAddressMap::kFields> seen{};
    std::uint32_t bit = 0;
    for (std::size_t end = name.size(); end > 0;) {
      const std::string token = name.substr(end >= 2 ? end - 2 : 0, std::min<std::size_t>(end, 2));
      const auto field = std::find_if(kNames.begin(), kNames.end(),
                                      [&](const FieldName& n) { return token == n.token; });
      if (field == kNames.end())
        return error("/mapping",
                     fmt::format("\"{}\" is no field of an address in \"{}\"", token, name),
                     "a mapping is made of Ro, Ra, Ba, Bg, Co and Ch, the most significant first");
      const auto f = static_cast<std::size_t>(field - kNames.begin());
      if (seen[f]) error("/mapping", fmt::format("\"{}\" has {} twice", name, token));
      seen[f] = true;
      if (sizes_[f] > 0) map_.runs_[f].push_back({bit, sizes_[f], 0});
      bit += sizes_[f];
      end -= token.size();
    }
    for (std::size_t f = 0; f < seen.size(); ++f)
      if (!seen[f] && sizes_[f] > 0)
        error("/mapping", fmt::format("\"{}\" lacks {} ({}), which has {} bits", name,
                                      kNames[f].token, kNames[f].key, sizes_[f]));
  }

  void from_bits() {
    const Json bits = Json::parse(config_.mapping);
    std::vector<std::string> owner(map_.line_bits_ + kLineBits);
    for (std::size_t f = 0; f < kNames.size(); ++f) {
      const Json list = bits.value(kNames[f].key, Json::array());
      const std::string at = fmt::format("/mapping/{}", kNames[f].key);
      if (list.size() != sizes_[f])
        error(at, fmt::format("{} bits, but the organisation has {} = 2^{}", list.size(),
                              kNames[f].key, sizes_[f]));
      for (std::size_t i = 0; i < list.size(); ++i)
        take_bit(f, static_cast<std::uint32_t>(i), list[i].get<std::uint32_t>(), owner);
    }
    std::string unused;
    for (std::uint32_t bit = kLineBits; bit < owner.size(); ++bit)
      if (owner[bit].empty()) unused += fmt::format("{}{}", unused.empty() ? "" : ", ", bit);
    if (!unused.empty())
      error("/mapping", fmt::format("address bits {} are in no field; each of {} to {} must be",
                                    unused, kLineBits, owner.size() - 1));
  }

  void take_bit(std::size_t f, std::uint32_t index, std::uint32_t bit,
                std::vector<std::string>& owner) {
    const std::string at = fmt::format("/mapping/{}/{}", kNames[f].key, index);
    if (bit < kLineBits || bit >= owner.size())
      return error(at, fmt::format("address bit {} is not one of {} to {}", bit, kLineBits,
                                   owner.size() - 1));
    if (!owner[bit].empty())
      return error(at, fmt::format("address bit {} is already at {}", bit, owner[bit]));
    owner[bit] = at;
    std::vector<DramAddressMap::Run>& runs = map_.runs_[f];
    const std::uint32_t line_bit = bit - kLineBits;
    if (!runs.empty() && runs.back().from + runs.back().bits == line_bit)
      ++runs.back().bits;
    else
      runs.push_back({line_bit, 1, index});
  }

  const DramConfig& config_;
  const std::string& file_;
  Diagnostics& out_;
  std::array<std::uint32_t, DramAddressMap::kFields> sizes_{};
  DramAddressMap map_;
};

std::optional<DramAddressMap> DramAddressMap::make(const DramConfig& config,
                                                   const std::string& file,
                                                   Diagnostics& diagnostics) {
  return AddressMapMaker(config, file, diagnostics).make();
}

DramAddressMap DramAddressMap::of_checked(const DramConfig& config) {
  Diagnostics problems;
  auto map = make(config, config.name, problems);
  CHECK(map, "a checked DRAM: {}", problems.to_string());
  return std::move(*map);
}

DramLocation DramAddressMap::locate(std::uint64_t address) const {
  const std::uint64_t line = address >> kLineBits;
  const auto field = [&](Field f) {
    std::uint64_t value = 0;
    for (const Run& run : runs_[f])
      value |= (line >> run.from & ((std::uint64_t{1} << run.bits) - 1)) << run.to;
    return static_cast<std::uint32_t>(value);
  };
  DramLocation at;
  at.channel = field(kChannel);
  at.rank = field(kRank);
  at.bank_group = field(kBankGroup);
  at.bank = field(kBank);
  at.row = field(kRow);
  at.line = field(kColumn);
  at.bank_id = (at.rank * bank_groups_ + at.bank_group) * banks_per_group_ + at.bank;
  return at;
}

}  // namespace chasm
