package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in the README, compiled and run as it stands there. */
final class ReadmeTest {
    @TempDir private Path directory;

    @Test
    void theExampleCompilesAndPrintsWhatTheReadmeSays() throws Exception {
        String readme =
                Files.readString(Path.of(System.getProperty("cortado.root", ".."), "README.md"));
        String example = fenced(readme, "<!-- example -->");
        String name = find(example, "class (\\w+)");
        Path source = Files.writeString(directory.resolve(name + ".java"), example);
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int failed =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                messages,
                                messages,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                directory.toString(),
                                source.toString());
        assertEquals(0, failed, messages::toString);
        assertEquals(fenced(readme, "<!-- example output -->"), output(name));
    }

    private String output(String name) throws ReflectiveOperationException, IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream console = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (var loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            var main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(console);
        }
        return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    private static String fenced(String text, String marker) {
        return find(text, Pattern.quote(marker) + "\\R```\\w*\\R((?s:.*?))```").replace("\r", "");
    }

    private static String find(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("nothing like " + pattern);
        }
        return matcher.group(1);
    }
}
