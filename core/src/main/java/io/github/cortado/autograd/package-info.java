/** The tape: which operation made which tensor, and how gradients flow back. */
@NullMarked
package io.github.cortado.autograd;

import org.jspecify.annotations.NullMarked;
