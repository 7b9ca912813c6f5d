namespace Weir.Agent.Recording;

/// <summary>Field numbers of session_event.proto: of SessionEvent's bodies, and of what a finish carries of a small answer.</summary>
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

    /// <summary>StatementReceived.same_as.</summary>
    public const int SameAs = 12;

    /// <summary>StatementFinished.answer_columns.</summary>
    public const int AnswerColumns = 11;

    /// <summary>StatementFinished.columns_in.</summary>
    public const int ColumnsIn = 12;

    /// <summary>StatementFinished.answer_rows.</summary>
    public const int AnswerRows = 13;
}
