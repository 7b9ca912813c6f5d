namespace Weir.Agent.Recording;

/// <summary>Field numbers of SessionEvent's body (session_event.proto).</summary>
internal static class EventFields
{
    public const int Started = 10;
    public const int Statement = 11;
    public const int Finished = 12;
    public const int Columns = 13;
    public const int Rows = 14;
    public const int Review = 15;
    public const int Ended = 16;
    public const int Notice = 17;
    public const int Copy = 18;
}
