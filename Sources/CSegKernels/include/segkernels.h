#ifndef SEGKERNELS_H
#define SEGKERNELS_H
#endif
