/** Tests of the programs. */
package io.github.cortado.examples;
