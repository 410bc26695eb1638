package io.github.cortado.example.cifar;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** What a command printed and returned. */
record Ran(int exitCode, List<String> out, List<String> err) {
    static Ran run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), args);
        return new Ran(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
    }
}
