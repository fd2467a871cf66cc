#include "workloads/layer.h"

namespace chasm {

const char* to_string(LayerType type) {
  switch (type) {
    case LayerType::conv2d:
      return "conv2d";
    case LayerType::linear:
      return "linear";
    case LayerType::matmul:
      return "matmul";
    case LayerType::add:
      return "add";
    case LayerType::avg_pool2d:
      return "avg_pool2d";
    case LayerType::max_pool2d:
      return "max_pool2d";
    case LayerType::global_avg_pool:
      return "global_avg_pool";
    case LayerType::softmax:
      return "softmax";
    case LayerType::layer_norm:
      return "layer_norm";
    case LayerType::concat:
      return "concat";
    case LayerType::scale:
      return "scale";
  }
  return "?";
}

const char* to_string(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::multiply:
      return "multiply";
    case Arithmetic::shift:
      return "shift";
    case Arithmetic::adder:
      return "adder";
    case Arithmetic::none:
      return "none";
  }
  return "?";
}

const char* to_string(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "none";
    case Activation::relu:
      return "relu";
    case Activation::relu6:
      return "relu6";
    case Activation::silu:
      return "silu";
    case Activation::gelu:
      return "gelu";
    case Activation::sigmoid:
      return "sigmoid";
  }
  return "?";
}

}  // namespace chasm
