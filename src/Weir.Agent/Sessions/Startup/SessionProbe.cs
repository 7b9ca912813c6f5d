using System.Globalization;
using System.Text;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Startup;

/// <summary>
/// What names mean in a fresh session: asked once, before the client may speak, because settings of the role and the database
/// change it.
/// </summary>
internal sealed class SessionProbe
{
    private static readonly byte[] Text =
        "SELECT pg_catalog.current_setting('search_path'), current_user, session_user, pg_catalog.pg_backend_pid(), pg_catalog.current_setting('server_version_num')"u8.ToArray();

    public bool IsDone { get; private set; }

    public string? Failure { get; private set; }

    public string SearchPath { get; private set; } = "";

    public string CurrentUser { get; private set; } = "";

    public string SessionUser { get; private set; } = "";

    public int ProcessId { get; private set; }

    /// <summary>server_version_num, e.g. 180004.</summary>
    public int ServerVersion { get; private set; }

    public static void Write(MessageWriter upstream) => Query.Write(upstream, Text);

    public int OnBytes(ReadOnlySpan<byte> data)
    {
        var scanner = new FrameScanner(data, MessageDirection.Backend, ProtocolLimits.Default);
        while (!IsDone && scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            switch (frame.BackendType)
            {
                case BackendMessageType.DataRow:
                    Read(DataRow.Read(frame.Body));
                    break;
                case BackendMessageType.ErrorResponse:
                    Failure = Encoding.UTF8.GetString(ErrorResponse.Read(frame.Body).Message);
                    break;
                case BackendMessageType.ReadyForQuery:
                    IsDone = true;
                    if (ServerVersion == 0)
                        Failure ??= "no answer";
                    break;
            }
        }

        return scanner.Position;
    }

    private void Read(DataRow row)
    {
        var column = 0;
        foreach (var field in row.Fields)
        {
            var value = Encoding.UTF8.GetString(field.Value);
            switch (column++)
            {
                case 0:
                    SearchPath = value;
                    break;
                case 1:
                    CurrentUser = value;
                    break;
                case 2:
                    SessionUser = value;
                    break;
                case 3:
                    ProcessId = int.TryParse(value, CultureInfo.InvariantCulture, out var processId) ? processId : 0;
                    break;
                case 4:
                    ServerVersion = int.TryParse(value, CultureInfo.InvariantCulture, out var version) ? version : 0;
                    break;
            }
        }
    }
}
