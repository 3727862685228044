#ifndef SEGIMAGE_H
#define SEGIMAGE_H
#endif
