package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run was asked to do, and where it ran, in words.
 *
 * @param parameters option names without dashes and their values, in the order to be shown
 * @param machine what it ran on
 */
record RunInfo(Map<String, String> parameters, Map<String, String> machine) {
    /** What the run that begins now runs on. */
    static Map<String, String> ranOn(Device device) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("started", now());
        machine.put("device", device.name() + ": " + device.description());
        machine.put("CPU threads", Integer.toString(Threads.count()));
        machine.putAll(thisMachine());
        return machine;
    }

    /** What this machine is, whatever runs on it. */
    static Map<String, String> thisMachine() {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("processor", processor());
        machine.put(
                "Java",
                System.getProperty("java.vm.name")
                        + " "
                        + System.getProperty("java.runtime.version"));
        machine.put(
                "system",
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + ", "
                        + System.getProperty("os.arch"));
        machine.put("largest heap", (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
        return machine;
    }

    static String now() {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", java.util.Locale.ROOT)
                .format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    /** Java has no name for the processor; Linux does. */
    private static String processor() {
        int processors = Runtime.getRuntime().availableProcessors();
        String count = processors + (processors == 1 ? " processor" : " processors");
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", " + count)
                    .orElse(count);
        } catch (IOException | RuntimeException e) {
            return count;
        }
    }
}
