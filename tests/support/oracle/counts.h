// The activity counts of a plan: they do not depend on time.
#pragma once

#include "models/energy/activity.h"
#include "tests/support/oracle/plan.h"

namespace chasm::oracle {

Activity count_activity(const Program&, const Plan&);

}  // namespace chasm::oracle
