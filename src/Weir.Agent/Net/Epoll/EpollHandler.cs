namespace Weir.Agent.Net.Epoll;

/// <summary>Owner of one descriptor of a loop. All calls come on the loop's thread.</summary>
internal abstract class EpollHandler
{
    /// <summary>-1 once it is closed or handed over.</summary>
    public int Fd { get; set; } = -1;

    /// <summary>What the loop is asked to report at present.</summary>
    public EpollEvents Interest { get; set; }

    /// <summary>Place in the loop's table, while it is registered.</summary>
    public int Slot { get; set; } = -1;

    public abstract void OnEvents(EpollEvents events);

    /// <summary>Ends it hard: the loop stops.</summary>
    public virtual void Abort()
    {
    }
}
