namespace OscLooper.Looper;

/// <summary>[audio] The tempo that makes a loop a whole number of beats.</summary>
static class LoopTempo
{
    const double Slowest = 70, Fastest = 140;

    /// <summary>[audio] With beats given: theirs. Else the power of two times a bar that comes nearest to the present tempo within 70..140.</summary>
    public static double Of(double seconds, double beats, Transport transport)
    {
        if (beats > 0) return beats * 60 / seconds;
        var (best, nearest) = (0.0, double.MaxValue);
        for (var power = -6; power <= 12; power++)
        {
            var tempo = transport.BeatsPerBar * Math.Pow(2, power) * 60 / seconds;
            if (tempo is < Slowest or > Fastest || Math.Abs(tempo - transport.Tempo) >= nearest) continue;
            (best, nearest) = (tempo, Math.Abs(tempo - transport.Tempo));
        }
        return best > 0 ? best : transport.Tempo;
    }
}
