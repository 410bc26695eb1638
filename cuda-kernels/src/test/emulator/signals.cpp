// Turns the signals that a kernel's thread may get into faults of the launch, as a GPU has them. The virtual machine
// that the driver is loaded into has handlers for the same signals, which keep getting all others.
#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

#include <cstdio>

#include "blocks.h"
#include "shared.h"

namespace emu {

namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE};
struct sigaction before[65];
pthread_t runner;
int caught;
const void* address;

void afterSignal() {
  char text[80];
  if (caught == SIGFPE) {
    snprintf(text, sizeof text, "an integer was divided by 0");
  } else {
    snprintf(text, sizeof text, "an access to address %p, where no memory is", address);
  }
  failThread(text);
}

void onSignal(int signal, siginfo_t* info, void* context) {
  if (pthread_equal(pthread_self(), runner) && inThread()) {
    // The thread goes on in afterSignal, on its own stack below what the kernel may be using of it.
    greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    caught = signal;
    address = info->si_addr;
    registers[REG_RSP] = ((registers[REG_RSP] - 256) & ~greg_t{15}) - 8;
    registers[REG_RIP] = reinterpret_cast<greg_t>(&afterSignal);
  } else if (before[signal].sa_flags & SA_SIGINFO) {
    before[signal].sa_sigaction(signal, info, context);
  } else if (before[signal].sa_handler != SIG_DFL && before[signal].sa_handler != SIG_IGN) {
    before[signal].sa_handler(signal);
  } else {
    sigaction(signal, &before[signal], nullptr);  // the instruction is tried again, and ends the process
  }
}

bool install() {
  for (int signal : kSignals) {
    sigaction(signal, nullptr, &before[signal]);
    struct sigaction ours = before[signal];
    ours.sa_sigaction = onSignal;
    ours.sa_flags |= SA_SIGINFO;
    sigaction(signal, &ours, nullptr);
  }
  return true;
}

}  // namespace

void watchSignals() {
  runner = pthread_self();
  static bool installed = install();
  (void)installed;
}

}  // namespace emu

// g++ calls this where an address is not a multiple of its type's alignment, which a GPU does not forgive either. The
// name and the first member are those of libubsan, which is there instead where all of its checks are on.
#if EMU_CHECK_ALIGNMENT
struct UbsanPlace {
  const char* file;
  unsigned line, column;
};

extern "C" __attribute__((visibility("default"))) void __ubsan_handle_type_mismatch_v1(UbsanPlace* place, void* p);
extern "C" void __ubsan_handle_type_mismatch_v1(UbsanPlace* place, void* p) {
  char text[160];
  snprintf(text, sizeof text, "a misaligned address, %p, at %s:%u", p, place->file, place->line);
  emu::failThread(text);
}
#endif
