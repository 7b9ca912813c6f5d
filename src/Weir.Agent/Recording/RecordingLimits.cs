namespace Weir.Agent.Recording;

/// <summary>Limits of single events, in bytes. They keep every event far below a spool segment and a gRPC message.</summary>
internal static class RecordingLimits
{
    /// <summary>Longest recorded text of a statement; the event carries the full length of a longer one.</summary>
    public const int Text = 256 * 1024;

    /// <summary>Longest recorded value of one parameter.</summary>
    public const int Parameter = 16 * 1024;

    /// <summary>All recorded parameter values of one statement together; values beyond it are recorded empty with their full length.</summary>
    public const int Parameters = 128 * 1024;

    /// <summary>Parameters of one statement that are listed; PostgreSQL allows 65,535.</summary>
    public const int ParameterCount = 4096;

    public const int ErrorMessage = 2 * 1024;

    public const int CommandTag = 128;

    public const int EndDetail = 512;

    public const int ReviewComment = 2 * 1024;

    /// <summary>Names that clients choose: application_name, context.</summary>
    public const int ClientText = 1024;

    public const int NoticeMessage = 2 * 1024;

    /// <summary>Description of an answer's columns; columns beyond it are left out.</summary>
    public const int Columns = 256 * 1024;

    /// <summary>Rows or copy data in one event; more make several events.</summary>
    public const int RowsPerEvent = 128 * 1024;
}
