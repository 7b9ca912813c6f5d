using System.Globalization;
using Google.Protobuf;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// The state machine of a session, from login to end, with an input that says what client, server and the rest of the agent do. No defect may show, what goes out on both sides is whole messages, what is
/// denied does not go upstream, a masked value does not come back as long as the server is an honest one, nobody is told more often that the server is ready than it asked, and the recording is in order.
/// </summary>
internal static class SessionTarget
{
    private const string CredentialId = "cred_fuzzed";

    /// <summary>Denied by the policy below; each goes upstream never.</summary>
    public static readonly string[] Denied =
    [
        "UPDATE orders SET note = 'fuzzed'", "DROP TABLE orders", "SELECT 1; UPDATE orders SET note = 'fuzzed'", "INSERT INTO orders (customer_id, status, amount) VALUES (1, 'fuzzed', 1)", "COPY orders (note) FROM STDIN",
    ];

    public static readonly string[] Texts =
    [
        "SELECT 1", "SELECT ssn FROM customers", "SELECT $1::text", "", "SELEC", "BEGIN", "COMMIT", "ROLLBACK", "SELECT 1/0", "COPY customers (ssn) TO STDOUT", "SET search_path = public", "SELECT 1; SELECT ssn FROM customers",
        "DECLARE c CURSOR FOR SELECT ssn FROM customers", "FETCH ALL FROM c", "PREPARE q AS SELECT ssn FROM customers", "EXECUTE q", "DEALLOCATE ALL", "DISCARD ALL", "CREATE TEMPORARY TABLE t (ssn text)", "COPY pg_temp.t FROM STDIN",
        .. Denied,
    ];

    private static byte[] KeyHash => [.. Enumerable.Repeat((byte)7, 32)];

    /// <returns>The target, and what ends everything that it stands on.</returns>
    public static async Task<(Action<byte[]> Run, Func<Task> StopAsync)> CreateAsync()
    {
        var server = new SampleServer();
        var policy = TestPolicy.Open("admin").Masks().Add(
            "Guardrail", "nothing-changes", """{"when":{"effects":["insert","update","delete","merge","truncate","drop","copy_in"],"relations":["public.*"]},"action":"deny"}""");
        var host = await SessionHost.StartAsync(server, policy);
        var credential = host.CredentialOf(CredentialId, "unused");
        credential.ClientKeySha256 = ByteString.CopyFrom(KeyHash);
        host.Give(credential);
        await using (var client = await host.OpenRawAsync())
            await client.Query("SELECT ssn FROM customers LIMIT 1").RoundTripAsync();
        var column = (await server.AskAsync("SELECT attrelid::oid || ' ' || attnum FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'ssn'"))!.Split(' ');
        var facts = new FuzzFacts(host, uint.Parse(column[0], CultureInfo.InvariantCulture), short.Parse(column[1], CultureInfo.InvariantCulture), CredentialId, KeyHash);
        return (input => new FuzzedSession(facts).Run(input), StopAsync);

        async Task StopAsync()
        {
            host.Log.Clear();
            await host.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
