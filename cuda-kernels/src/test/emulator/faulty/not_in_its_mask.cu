// The upper half of a warp exchanges values with the mask of the lower half.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  unsigned mask = 0xffffffffu;
#else
  unsigned mask = 0x0000ffffu;
#endif
  y[i ^ 1] = __shfl_xor_sync(mask, x[i], 1);
}
