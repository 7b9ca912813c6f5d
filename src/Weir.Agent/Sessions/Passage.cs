namespace Weir.Agent.Sessions;

/// <summary>What becomes of a judged statement now.</summary>
internal enum Passage
{
    Forward,
    Refuse,

    /// <summary>It is looked at again later.</summary>
    Wait,
}
