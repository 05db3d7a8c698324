namespace OscLooper.Server.Addressing;

/// <summary>[main] One client's wish to hear of what a pattern matches.</summary>
sealed class Subscription(Client client, byte[] pattern, long period, long leaseEnd, Action<string, object[]>? heard)
{
    public struct Watched
    {
        public int Target;
        public bool IsWord, IsSampled, IsHappening, IsPending, IsListed;
        /// <summary>Another subscription of the same client tells of this leaf: a change is sent once.</summary>
        public bool IsShadowed;
        /// <summary>When a number was sent last: the pace is counted from there.</summary>
        public long LastSent;
        /// <summary>Where it stands among the sampled ones.</summary>
        public int SampledAt;
        public long Frame;
        public Belief Belief;
    }

    readonly Dictionary<int, int> places = [];
    readonly List<int> free = [];
    /// <summary>Places of sampled leaves, and of those that are to be looked at later: only these are looked at when the time comes.</summary>
    public List<int> Sampled { get; } = [];
    public List<int> Pending { get; } = [];
    Watched[] watched = new Watched[4];
    int used;

    public Client Client => client;
    public byte[] Pattern => pattern;
    /// <summary>How many bytes of the pattern stand for themselves.</summary>
    public int LiteralStart { get; } = OscLooper.Osc.OscPattern.LiteralStart(pattern);
    /// <summary>Nanoseconds between two messages about one number, at least.</summary>
    public long Period { get; set; } = period;
    /// <summary>When it ends; 0 = with the client.</summary>
    public long LeaseEnd { get; set; } = leaseEnd;
    public Action<string, object[]>? Heard => heard;
    public bool HasEnded { get; set; }
    /// <summary>Earliest time at which a held number may be sent, or sampled ones are looked at.</summary>
    public long Due { get; set; } = long.MaxValue;
    /// <summary>When sampled leaves are looked at again.</summary>
    public long NextLook { get; set; }
    public int Count => places.Count;

    public Span<Watched> All => watched.AsSpan(0, used);

    public bool TryFind(int target, out int place) => places.TryGetValue(target, out place);

    public ref Watched Add(int target, Declaration declaration)
    {
        int place;
        if (free.Count > 0)
        {
            place = free[^1];
            free.RemoveAt(free.Count - 1);
        }
        else
        {
            place = used++;
            if (place == watched.Length) Array.Resize(ref watched, watched.Length * 2);
        }
        places[target] = place;
        ref var entry = ref watched[place];
        entry = new Watched { Target = target, IsSampled = declaration.IsSampled, IsHappening = declaration.IsHappening };
        foreach (var spec in declaration.Specs) entry.IsWord |= spec.Tag == 's';
        entry.SampledAt = Sampled.Count;
        if (entry.IsSampled) Sampled.Add(place);
        client.Watched++;
        return ref entry;
    }

    public void Remove(int target)
    {
        if (!places.Remove(target, out var place)) return;
        if (watched[place].IsSampled)
        {
            // The last one takes its place: where thousands go, each is found at once.
            var (at, last) = (watched[place].SampledAt, Sampled[^1]);
            (Sampled[at], watched[last].SampledAt) = (last, at);
            Sampled.RemoveAt(Sampled.Count - 1);
        }
        if (watched[place].IsListed) Pending.Remove(place);
        client.Watched--;
        watched[place] = new Watched { Target = -1 };
        free.Add(place);
    }
}
