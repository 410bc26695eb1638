// Stacks for the threads of a block, which take turns on one thread of the process.
#pragma once
#include <cstddef>

namespace emu {

struct Fiber;

// A fiber that is not in use; entered, it runs `body`, which must not return.
Fiber* takeFiber(void (*body)());

// Takes a fiber back, which goes on where it left when it is taken again.
void giveFiber(Fiber* fiber);

// Takes all of them back, and lets each begin anew: kernels have nothing to be destroyed.
void abandonFibers();

// Runs a fiber until it leaves.
void enter(Fiber* fiber);

// Goes on behind enter, in the fiber that runs now.
void leave(Fiber* fiber);

}  // namespace emu
