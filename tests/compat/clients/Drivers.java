import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** What pgjdbc does on its own accord, one line per case. Arguments: host:port/database, user, password. */
public final class Drivers {
    private static void show(String name, Object value) {
        System.out.println(name + ": " + value);
    }

    private static List<List<String>> rows(ResultSet set) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        int columns = set.getMetaData().getColumnCount();
        while (set.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                row.add(set.getString(i));
            }
            rows.add(row);
        }
        return rows;
    }

    private static String error(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return "no error";
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getMessage();
        }
    }

    private static void all(String mode, String url, Properties properties) throws Exception {
        properties.setProperty("preferQueryMode", mode);
        try (Connection connection = DriverManager.getConnection(url, properties); Statement statement = connection.createStatement()) {
            show(mode + " select", rows(statement.executeQuery("SELECT id, full_name, date_of_birth, created_at FROM customers ORDER BY id LIMIT 3")));
            try (PreparedStatement prepared = connection.prepareStatement("SELECT id, amount, note, created_at FROM orders WHERE id = ? AND status <> ?")) {
                for (int i = 1; i <= 8; i++) { // named and binary from the fifth time on
                    prepared.setLong(1, i);
                    prepared.setString(2, "none");
                    show(mode + " prepared", rows(prepared.executeQuery()));
                }
            }
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders (customer_id, status, amount) VALUES (?, ?, ?)")) {
                for (int i = 1; i <= 300; i++) {
                    insert.setLong(1, 1);
                    insert.setString(2, "batch");
                    insert.setBigDecimal(3, new java.math.BigDecimal(i));
                    insert.addBatch();
                }
                show(mode + " batch", insert.executeBatch().length);
            }
            show(mode + " batch rows", rows(statement.executeQuery("SELECT count(*), sum(amount) FROM orders WHERE status = 'batch'")));
            connection.rollback();
            if (!mode.equals("simple")) {
                statement.setFetchSize(7); // portals with a row limit
                show(mode + " fetch size", rows(statement.executeQuery("SELECT id FROM orders ORDER BY id LIMIT 30")));
                statement.setFetchSize(0);
            }
            show(mode + " error", error(statement, "SELECT * FROM nowhere"));
            show(mode + " aborted", error(statement, "SELECT 1"));
            connection.rollback();
            connection.setAutoCommit(true);
            show(mode + " two statements", error(statement, "SELECT 1; SELECT 1 / 0"));
            CopyManager copy = ((PGConnection) connection).getCopyAPI();
            java.io.StringWriter out = new java.io.StringWriter();
            show(mode + " copy out", copy.copyOut("COPY (SELECT id, status FROM orders ORDER BY id LIMIT 10) TO STDOUT", out) + out.toString());
            connection.setAutoCommit(false);
            show(mode + " copy in", copy.copyIn("COPY orders (customer_id, status, amount) FROM STDIN", new java.io.StringReader("1\tcopied\t5\n1\tcopied\t6\n")));
            connection.rollback();
            connection.setAutoCommit(true);
            statement.execute("DO $$ BEGIN RAISE NOTICE 'from the server'; END $$");
            show(mode + " notice", statement.getWarnings());
            DatabaseMetaData metadata = connection.getMetaData();
            show(mode + " tables", rows(metadata.getTables(null, "public", "%", null)));
            show(mode + " columns", rows(metadata.getColumns(null, "public", "%", "%")));
            show(mode + " keys", rows(metadata.getPrimaryKeys(null, "public", "orders")) + "" + rows(metadata.getImportedKeys(null, "public", "orders")));
            show(mode + " indexes", rows(metadata.getIndexInfo(null, "public", "orders", false, false)));
            show(mode + " types", rows(metadata.getTypeInfo()).size());
            show(mode + " functions", rows(metadata.getProcedures(null, "pg_catalog", "pg_%")).size());
            Savepoint savepoint = null;
            connection.setAutoCommit(false);
            savepoint = connection.setSavepoint("here");
            show(mode + " in savepoint", error(statement, "SELECT 1 / 0"));
            connection.rollback(savepoint);
            show(mode + " after savepoint", rows(statement.executeQuery("SELECT 1")));
            connection.rollback();
            connection.setAutoCommit(true);
            statement.setQueryTimeout(1);
            show(mode + " timeout", error(statement, "SELECT pg_sleep(20)"));
        }
    }

    public static void main(String[] args) throws Exception {
        for (String mode : new String[] { "extended", "simple", "extendedCacheEverything", "extendedForPrepared" }) {
            Properties properties = new Properties();
            properties.setProperty("user", args[1]);
            properties.setProperty("password", args[2]);
            properties.setProperty("sslmode", "disable");
            all(mode, "jdbc:postgresql://" + args[0], properties);
        }
    }
}
