package io.github.cortado.ops;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * One test in a process of its own: {@code OneTest CLASS METHOD [ARGUMENT]}. What fails there is an
 * uncaught exception, and the exit code 1.
 */
final class OneTest {
    private OneTest() {}

    /** The whole name of a class of tests. */
    static String in(String tests) {
        return OneTest.class.getPackageName() + "." + tests;
    }

    /** Runs the method of a test class in this package. */
    public static void main(String[] arguments) throws Throwable {
        Class<?> tests = Class.forName(in(arguments[0]));
        Method test =
                Arrays.stream(tests.getDeclaredMethods())
                        .filter(m -> m.getName().equals(arguments[1]))
                        .findAny()
                        .orElseThrow();
        test.setAccessible(true);
        Constructor<?> maker = tests.getDeclaredConstructor();
        maker.setAccessible(true);
        Object[] given = Arrays.copyOfRange(arguments, 2, arguments.length);
        try {
            test.invoke(maker.newInstance(), given);
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }
}
