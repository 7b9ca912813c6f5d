import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;

/**
 * A held statement as programs with pgjdbc meet it: without a time-out, which is its default, and with a query time-out. Holds URL USER PASSWORD PATIENT TIMED
 * PATIENT and TIMED are the ids of the rows that are deleted. Prints a line for each step; reads one when there is something to wait for.
 */
public final class Holds {
    private static final int TIMEOUT = 5;

    private Holds() {
    }

    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        try (Connection waiting = DriverManager.getConnection(args[0], args[1], args[2]);
                Connection leaving = DriverManager.getConnection(args[0], args[1], args[2])) {
            CompletableFuture<String> waits = CompletableFuture.supplyAsync(() -> delete(waiting, args[3], 0));
            System.out.println("first: " + delete(leaving, args[4], TIMEOUT));
            input.readLine();
            System.out.println("back: " + delete(leaving, args[4], TIMEOUT));
            System.out.println("again: " + delete(leaving, args[4], TIMEOUT));
            System.out.println("patient: " + waits.get());
        }
    }

    private static String delete(Connection connection, String row, int timeout) {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeout);
            return "passed " + statement.executeUpdate("DELETE FROM things WHERE id = " + row);
        } catch (SQLException failed) {
            return "57014".equals(failed.getSQLState()) ? "timed out" : "failed: " + failed.getMessage();
        }
    }
}
