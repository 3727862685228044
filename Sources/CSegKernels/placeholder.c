#include "segkernels.h"
