/** A language model of single characters. */
@NullMarked
package io.github.cortado.examples.text;

import org.jspecify.annotations.NullMarked;
