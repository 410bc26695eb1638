package io.github.cortado;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program on the tests' class path, for a virtual machine of its own; whoever starts it says
 * where its output goes, and what differs in its directory and environment.
 */
public final class JavaProgram {
    private static final String VECTORS = "jdk.incubator.vector";

    private JavaProgram() {}

    /**
     * As users start it who know of no flag but those given.
     *
     * @param program the class with the main method
     * @param flags for Java, such as {@code -Xmx64m}
     * @param arguments for the program
     */
    public static ProcessBuilder plain(Class<?> program, List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        // Newer JDKs warn of native libraries without it, older ones take it.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /**
     * As {@link #plain}, with the Vector API where this virtual machine has it; then Java says on
     * stderr that it does.
     */
    public static ProcessBuilder withVectors(
            Class<?> program, List<String> flags, String... arguments) {
        List<String> all = new ArrayList<>();
        if (ModuleLayer.boot().findModule(VECTORS).isPresent()) {
            all.add("--add-modules=" + VECTORS);
        }
        all.addAll(flags);
        return plain(program, all, arguments);
    }
}
