package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.JavaProgram;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a command printed and returned. */
record Ran(int exitCode, List<String> out, List<String> err) {
    static Ran run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), args);
        return new Ran(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
    }

    /**
     * The program in a process of its own, with vectors where this one has them.
     *
     * @param jvm more options of Java, such as {@code -Xmx64m}
     */
    static ProcessBuilder process(List<String> jvm, List<String> args) {
        List<String> flags = new ArrayList<>(jvm);
        flags.add("-Djava.awt.headless=true");
        return JavaProgram.withVectors(Main.class, flags, args.toArray(String[]::new));
    }

    /** Skips what looks at drawn pictures where Java has no fonts to draw with. */
    static void assumeFonts() {
        Optional<String> why = Canvas.whyNoText();
        assumeTrue(why.isEmpty(), () -> why.orElse(""));
    }
}
