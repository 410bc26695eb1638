/** Tests of the language model's program. */
package io.github.cortado.examples.text;
