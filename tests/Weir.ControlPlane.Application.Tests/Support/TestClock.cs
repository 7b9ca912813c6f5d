using Microsoft.Extensions.Time.Testing;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>A clock that stands still, and at which something can happen in the middle of a use case that looks at it.</summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    /// <summary>Done the next time that somebody asks for the time, so many times.</summary>
    public (int Times, Action What) WhenAsked { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        if (WhenAsked is { Times: > 0 } happening)
        {
            WhenAsked = happening with { Times = happening.Times - 1 };
            happening.What();
        }

        return base.GetUtcNow();
    }
}
