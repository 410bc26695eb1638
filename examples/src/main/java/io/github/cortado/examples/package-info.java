/** Small programs, one idea each; {@link io.github.cortado.examples.Main} has their commands. */
@NullMarked
package io.github.cortado.examples;

import org.jspecify.annotations.NullMarked;
