using Microsoft.AspNetCore.Components.Web;

namespace Weir.WebConsole.Layout;

public sealed partial class MainLayout
{
    /// <summary>How often "3 min ago" is worked out again.</summary>
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(10);

    private ErrorBoundary? _boundary;
    private ITimer? _ticks;
    private DateTimeOffset? _now;

    protected override void OnInitialized()
    {
        _now = Time.GetUtcNow();
        _ticks = Time.CreateTimer(_ => _ = InvokeAsync(Tick), null, TickEvery, TickEvery);
    }

    // Another page is another chance.
    protected override void OnParametersSet() => _boundary?.Recover();

    public void Dispose() => _ticks?.Dispose();

    private void Tick()
    {
        _now = Time.GetUtcNow();
        StateHasChanged();
    }
}
