// The data of a functional run: read from a folder of .npy files where they are present, made from
// the seed otherwise, and written back so that anyone can recompute every layer (docs/formats.md,
// "Tensor folders").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/parameters.h"

namespace chasm {

struct NetworkData {
  std::vector<LayerParameters> parameters;  // one a layer
  std::vector<Tensor> tensors;  // by tensor id; layers' outputs are empty until they are computed
};

// `folder` may be empty (make everything) or not exist yet (the same). Reads <input>.npy,
// <layer>.weight.npy and .bias, .scale, .gamma, .beta. Wrong shapes, types or ranges are
// diagnostics; files no layer claims are warnings.
std::optional<NetworkData> load_or_make_tensors(const Network&, const QuantizationPlan&,
                                                const std::string& folder, std::uint64_t seed,
                                                Diagnostics&);

// Writes every tensor and parameter that is there, <layer>.output.npy and quantization.json;
// creates the folder. Returns whether all could be written.
bool write_tensors(const std::string& folder, const Network&, const QuantizationPlan&,
                   const NetworkData&, Diagnostics&);

}  // namespace chasm
