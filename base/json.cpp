#include "base/json.h"

namespace chasm {}
