// Half of a warp waits at a barrier for the other half, which waits for it to exchange values.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if !MENDED
  if (threadIdx.x % 32 < 16) __syncthreads();
#endif
  float v = __shfl_xor_sync(0xffffffffu, x[i], 1);
  y[i ^ 1] = v;
}
