// The loop dimensions of every operation: N batch, G groups (heads), K output channels and C input
// channels of a group, P x Q output rows x columns, R x S kernel rows x columns.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chasm {

enum class Dim : std::uint8_t { N, G, K, C, P, Q, R, S };
inline constexpr std::size_t kDims = 8;
inline constexpr std::array<Dim, kDims> kAllDims = {Dim::N, Dim::G, Dim::K, Dim::C,
                                                    Dim::P, Dim::Q, Dim::R, Dim::S};
inline constexpr std::string_view kDimNames = "NGKCPQRS";

constexpr std::size_t index(Dim d) { return static_cast<std::size_t>(d); }
constexpr char letter(Dim d) { return kDimNames[index(d)]; }
inline std::optional<Dim> dim_from(std::string_view text) {
  const auto at = text.size() == 1 ? kDimNames.find(text[0]) : std::string_view::npos;
  return at == std::string_view::npos ? std::nullopt : std::optional(kAllDims[at]);
}

// One value a dimension.
template <class T>
struct DimArray {
  std::array<T, kDims> values{};
  constexpr T& operator[](Dim d) { return values[index(d)]; }
  constexpr const T& operator[](Dim d) const { return values[index(d)]; }
  bool operator==(const DimArray&) const = default;
};

inline DimArray<std::uint64_t> ones() {
  DimArray<std::uint64_t> array;
  array.values.fill(1);
  return array;
}

}  // namespace chasm
