using System.Diagnostics;
using System.Globalization;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

/// <summary>CPU time of storing events, here and at PostgreSQL: run with <c>--explicit only --show-live-output on --filter-class '*IngestCost'</c>.</summary>
public sealed class IngestCost(ControlPlaneDatabases databases, ITestOutputHelper output)
{
    private const int Sessions = 8;
    private const int Batches = 40;
    private const int StatementsInBatch = 60;

    [Fact(Explicit = true)]
    public async Task Print()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.All);
        var recordings = Enumerable.Range(0, Sessions).Select(_ => new SampleRecording(weir, o, o.Dev).Start()).ToList();
        await weir.SendAsync(o.Agent, new IngestEvents.Command([.. recordings.SelectMany(r => r.Events)]));
        await RoundAsync(recordings, weir, o, 1);
        var backends = await BackendsAsync(weir);
        var (here, there) = (Process.GetCurrentProcess().TotalProcessorTime, CpuOf(backends));
        var events = 0;
        for (var round = 0; round < Batches; round++)
        {
            events += await RoundAsync(recordings, weir, o, (round + 1) * StatementsInBatch);
        }

        output.WriteLine(
            $"{events} events in {Batches} batches of {Sessions} sessions: {Per(Process.GetCurrentProcess().TotalProcessorTime - here, events)} here, {Per(CpuOf(backends) - there, events)} at PostgreSQL, for an event");
    }

    private static string Per(TimeSpan cpu, int events) => string.Create(CultureInfo.InvariantCulture, $"{cpu.TotalMicroseconds / events:0.0} µs");

    /// <summary>Statements as an agent records them: the first in full, later ones in short, each with its end.</summary>
    private static async Task<int> RoundAsync(List<SampleRecording> recordings, TestControlPlane weir, TestOrganization o, int first)
    {
        foreach (var recording in recordings)
        {
            recording.Events.Clear();
            for (var number = (long)first; number < first + StatementsInBatch; number++)
            {
                recording.Add(number == 1
                    ? SampleRecording.Statement(1, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", "allow")
                    : new RecordedBody.Statement(number, "", [new("7", false, false, false, 23), new("11", false, false, false, 23)], "", [], [], [], 0, 0, "", "", 1));
                recording.Add(new RecordedBody.Finished(number, "ok", "UPDATE 1", 1, "", "", 1234, null, 0, 0));
            }
        }

        var events = recordings.SelectMany(r => r.Events).ToList();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(events));
        return events.Count;
    }

    private static async Task<List<int>> BackendsAsync(TestControlPlane weir)
    {
        return [.. await weir.Database.QueryAsync<int>("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'weir_server'")];
    }

    /// <summary>User and system time of processes (proc_pid_stat(5): clock ticks of 10 ms).</summary>
    private static TimeSpan CpuOf(IEnumerable<int> processes)
    {
        var ticks = 0L;
        foreach (var process in processes)
        {
            var fields = File.ReadAllText($"/proc/{process}/stat").Split(' ');
            ticks += long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture);
        }

        return TimeSpan.FromMilliseconds(10 * ticks);
    }
}
