package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptionsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--epochs 0                  | --epochs: expected 1 or more, got 0",
                "--epochs x                  | '--epochs': 'x' is not an int",
                "--epochs                    | Missing required parameter for option '--epochs'",
                "--epochs 1 --epochs 2       | '--epochs' (N) should be specified only once",
                "--batch-size 0              | --batch-size: expected 1 or more, got 0",
                "--lr 0                      | --lr: expected a number above 0, got 0.0",
                "--lr NaN                    | --lr: expected a number above 0, got NaN",
                "--lr fast                   | '--lr': 'fast' is not a double",
                "--seed 1.5                  | '--seed': '1.5' is not a long",
                "--device gpu                | --device: expected cpu, cpu-scalar or cuda, got 'gpu'",
                "--threads -1                | --threads: expected 1 or more, got -1",
                "--dataset mnist             | --dataset: expected auto, cifar10 or synthetic",
                "--data-dir pom.xml          | --data-dir: pom.xml is not a directory",
                "--data-name ''              | --data-name: expected a name, got a blank",
                "--limit-train -1            | --limit-train: expected 1 to 50000 pictures",
                "--limit-valid 10001         | --limit-valid: expected 1 to 10000 pictures",
                "--workers 65                | --workers: expected 0 to 64, got 65",
                "--epoch 3                   | there is no option --epoch",
                "trian                       | there is no command 'trian', expected one of train",
                "train now                   | nothing is expected where 'now' stands",
                "classify                    | Missing required parameter: 'FILE|URL'",
                "evaluate --model none.st    | --model: there is no file none.st",
                "evaluate --batch-size -2    | --batch-size: expected 1 or more, got -2",
                "classify a.png --model none | --model: there is no file none",
            },
            quoteCharacter = '"')
    void mistakesAreExplainedInOneLineAndExitWithTwo(String arguments, String explanation) {
        Ran ran = Ran.run(split(arguments));
        assertEquals(1, ran.err().size(), () -> "one line: " + ran.err());
        assertTrue(ran.err().get(0).contains(explanation.strip()), ran.err()::toString);
        assertTrue(ran.err().get(0).startsWith("error: "), ran.err()::toString);
        assertEquals(2, ran.exitCode());
    }

    private static String[] split(String arguments) {
        return Arrays.stream(arguments.strip().split(" +"))
                .map(arg -> arg.equals("''") ? "" : arg)
                .toArray(String[]::new);
    }

    @Test
    void anOutputDirectoryThatIsAFileIsRefused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "x");
        Ran ran = Ran.run("--dataset", "synthetic", "--out", file.toString());
        assertEquals(2, ran.exitCode());
        assertTrue(
                ran.err().get(0).startsWith("error: --out: cannot write to"), ran.err()::toString);
    }

    @Test
    void helpOfEveryCommandIsPrinted() {
        for (String command : new String[] {"train", "evaluate", "classify", "doctor"}) {
            Ran ran = Ran.run(command, "--help");
            assertEquals(0, ran.exitCode());
            assertTrue(ran.out().get(0).startsWith("Usage: cortado-cifar " + command));
        }
    }

    @Test
    void doctorNamesWhatIsThereAndWhatIsNot() {
        Ran ran = Ran.run("doctor");
        assertEquals(0, ran.exitCode());
        assertTrue(ran.out().stream().anyMatch(line -> line.startsWith("device cpu-scalar: ")));
        assertTrue(ran.out().stream().anyMatch(line -> line.startsWith("device cuda:0: ")));
        assertTrue(ran.out().stream().anyMatch(line -> line.startsWith("fonts: ")));
    }
}
