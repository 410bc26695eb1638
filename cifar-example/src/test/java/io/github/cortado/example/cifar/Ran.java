package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            command.add("--add-modules=jdk.incubator.vector");
        }
        command.add("-Djava.awt.headless=true");
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        command.addAll(args);
        return new ProcessBuilder(command);
    }

    /** Skips what looks at drawn pictures where Java has no fonts to draw with. */
    static void assumeFonts() {
        Optional<String> why = Canvas.whyNoText();
        assumeTrue(why.isEmpty(), () -> why.orElse(""));
    }
}
