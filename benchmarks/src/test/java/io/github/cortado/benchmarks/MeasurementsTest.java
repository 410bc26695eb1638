package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementsTest {
    @TempDir private Path dir;

    /** A program that answers how often it has been run. */
    static final class Counting {
        private Counting() {}

        public static void main(String[] file) throws Exception {
            Path runs = Path.of(file[0]);
            String all = (Files.exists(runs) ? Files.readString(runs) : "") + "x";
            Files.writeString(runs, all);
            System.out.println("{\"runs\": " + all.length() + "}");
        }
    }

    @Test
    void whatWasInterruptedGoesOnAfterTheLastProgram() throws Exception {
        Measurements before = measurements(false, "2");
        round(before, 1, "a", "b");
        round(before, 2, "a");
        Measurements after = measurements(true, "2");
        round(after, 1, "a", "b");
        round(after, 2, "a", "b");
        assertEquals(List.of(1.0, 3.0), after.figures("a"));
        assertEquals(List.of(2.0, 4.0), after.figures("b"));
        assertEquals(4L, after.lastAnswer("b").get("runs"));
    }

    @Test
    void withoutBeingAskedForItBeginsAnew() throws Exception {
        round(measurements(false, "2"), 1, "a");
        Measurements after = measurements(false, "2");
        round(after, 1, "a");
        assertEquals(List.of(2.0), after.figures("a"));
    }

    @Test
    void programsThatShareANameAreAllRun() throws Exception {
        Measurements m = measurements(true, "2");
        m.begin(1);
        for (String file : List.of("runs", "others")) {
            Program counting = Program.java(Counting.class, dir.resolve(file).toString());
            m.noteAll("alone ", counting, answer -> Map.of(file, Answer.number(answer, "runs")));
        }
        assertEquals(List.of(1.0), m.figures("alone runs"));
        assertEquals(List.of(1.0), m.figures("alone others"));
    }

    @Test
    void figuresOfSomethingElseAreRefused() throws Exception {
        round(measurements(false, "2"), 1, "a");
        String message =
                assertThrows(UsageException.class, () -> measurements(true, "1")).getMessage();
        assertTrue(message.endsWith("was measured with threads 2, not 1"), message);
    }

    private Measurements measurements(boolean resume, String threads) throws Exception {
        Measurements m = new Measurements();
        m.keepIn(dir.resolve("measured.json"), Map.of("threads", threads), resume);
        return m;
    }

    private void round(Measurements m, int round, String... names) {
        m.begin(round);
        for (String name : names) {
            m.note(name, Program.java(Counting.class, dir.resolve("runs").toString()), "runs");
        }
    }
}
