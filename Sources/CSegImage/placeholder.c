#include "segimage.h"
