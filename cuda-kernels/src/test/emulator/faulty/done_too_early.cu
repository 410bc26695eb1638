// A block says that it is done when its first thread is: the one that comes last reads what others have not written.
#if MENDED
#define BARRIER __syncthreads()
#else
#define BARRIER
#endif
__device__ float told[1024];
__device__ unsigned done;

extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ bool last;
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  told[i] = x[i];
  __threadfence();
  BARRIER;
  if (threadIdx.x == 0) last = atomicAdd(&done, 1u) == gridDim.x - 1;
  __syncthreads();
  if (!last) return;
  for (unsigned j = threadIdx.x; j < n; j += 64) {
    y[j] = told[j];
    told[j] = 0.0f;
  }
  if (threadIdx.x == 0) done = 0;
}
