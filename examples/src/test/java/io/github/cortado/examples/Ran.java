package io.github.cortado.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * What a command printed and returned.
 *
 * @param exitCode 0, 1 or 2
 */
public record Ran(int exitCode, List<String> out, List<String> err) {
    /** Runs a command in this process. */
    public static Ran run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), args);
        return new Ran(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
    }
}
