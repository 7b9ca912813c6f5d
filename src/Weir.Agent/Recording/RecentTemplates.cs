namespace Weir.Agent.Recording;

/// <summary>Where in a session templates were recorded in full, so that later events can refer to it. Holds memory only once something was recorded.</summary>
internal struct RecentTemplates<T>
    where T : class
{
    /// <summary>Connections of applications repeat few statements at a time; a miss only costs the bytes of a full event.</summary>
    private const int Size = 8;

    private (T Template, long Place)[]? _entries;
    private int _next;

    /// <returns>What was added with it; 0 for none.</returns>
    public readonly long Find(T template)
    {
        if (_entries is { } entries)
        {
            foreach (ref readonly var entry in entries.AsSpan())
            {
                if (ReferenceEquals(entry.Template, template))
                    return entry.Place;
            }
        }

        return 0;
    }

    public void Add(T template, long place)
    {
        _entries ??= new (T, long)[Size];
        _entries[_next] = (template, place);
        _next = (_next + 1) % Size;
    }
}
