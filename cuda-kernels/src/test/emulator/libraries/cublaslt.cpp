// A libcublasLt.so: nothing but there, since libcublas needs it and finds it only where somebody has loaded it before.
#include <cstddef>

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT size_t cublasLtGetVersion() { return MAJOR * 10000; }
