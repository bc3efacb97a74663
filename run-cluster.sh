#!/usr/bin/env bash
# Runs a spec on many processes: as a Slurm job, as an array of jobs, or here. See usage below.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: ./run-cluster.sh SPEC [key=value …] [options]
  --out DIR               output folder (default: runs/out/NAME of the spec's file)
  --nodes N               nodes (default: 1)
  --ntasks-per-node N     ranks on each node (default: 1)
  --cpus-per-task N       threads of each rank (default: 1)
  --gpus-per-task N       accelerators of each rank
  --time T                time limit as Slurm writes it; the run saves and stops two minutes before
  --partition P           partition
  --array N               N independent jobs, each with its share of the tasks
  --requeue               go on in the same job after the time limit or a preemption, until all is done
  --mpi KIND              how ranks start: pmix, pmi2 (srun), openmpi, mpich (mpirun in the job); default: what is installed
  --local N               no Slurm: N ranks here with mpirun, or one process with N threads where there is no MPI
  --dry-run               print what would be submitted or run, and do nothing
The environment variable HPC names the program (default: built here from src/Hpc.Cli).
USAGE
}

fail() {
  echo "run-cluster.sh: $*" >&2
  exit 2
}

spec="" out="" nodes=1 ntasks_per_node=1 cpus_per_task=1 gpus_per_task="" time="" partition="" array="" requeue=no mpi="" local="" dry_run=no
overrides=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  value() { [ $# -gt 1 ] || fail "$1 needs a value; --help shows all options"; printf '%s' "$2"; }
  number() { [[ "$2" =~ ^[1-9][0-9]*$ ]] || fail "$1 is '$2': it must be a whole number, at least 1"; }
  case $option in
    --help | -h) usage; exit 0 ;;
    --requeue) requeue=yes; continue ;;
    --dry-run) dry_run=yes; continue ;;
    --out | --nodes | --ntasks-per-node | --cpus-per-task | --gpus-per-task | --time | --partition | --array | --mpi | --local)
      argument=$(value "$option" "$@") || exit 2
      shift
      name=${option#--}
      printf -v "${name//-/_}" '%s' "$argument"
      case $option in
        --out | --time | --partition) ;;
        --mpi) [[ "$argument" =~ ^(pmix|pmi2|openmpi|mpich)$ ]] || fail "--mpi is '$argument': it must be pmix, pmi2, openmpi or mpich" ;;
        *) number "$option" "$argument" ;;
      esac
      ;;
    -*) fail "unknown option $option; --help shows all" ;;
    *=*) overrides+=("$option") ;;
    *) [ -z "$spec" ] || fail "two specs: '$spec' and '$option'"; spec=$option ;;
  esac
done
[ -n "$spec" ] || { usage >&2; exit 2; }
[ -f "$spec" ] || fail "there is no spec '$spec'"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# hwloc's OpenCL plugin brings LLVM into mpirun, which takes SIGUSR1 from Open MPI: it would not be passed on to the ranks.
export HWLOC_COMPONENTS="${HWLOC_COMPONENTS:--opencl,-gl}"
spec=$(realpath "$spec")
label=$(basename "${spec%.*}")
out=$(realpath -m "${out:-$root/runs/out/$label}")

if [ -n "${HPC:-}" ]; then
  program=("$HPC")
else
  case $(uname -m) in
    aarch64) runtime=linux-arm64 ;;
    *) runtime=linux-x64 ;;
  esac
  program=(dotnet "$root/src/Hpc.Cli/bin/Release/net10.0/$runtime/hpc.dll")
  if [ $dry_run = no ]; then
    dotnet build "$root/src/Hpc.Cli" -c Release -v quiet >&2
  fi
fi

has_library() { { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -q -F "$1"; }
first_program() {
  local name
  for name in "$@"; do
    if command -v "$name" >/dev/null; then
      echo "$name"
      return
    fi
  done
}
quote() { printf '%q ' "$@"; }

# Words of the command that starts ranks with the mpirun of one kind; without binding, as ranks have threads.
mpirun_words() {
  case $1 in
    openmpi) launcher=("$(first_program mpirun.openmpi mpirun)" --oversubscribe --bind-to none -n "$2") ;;
    mpich) launcher=("$(first_program mpirun.mpich mpirun)" -n "$2") ;;
  esac
  [ -n "${launcher[0]}" ] || fail "there is no mpirun: install it, or choose another way to start ranks with --mpi"
}

if [ -n "$local" ]; then
  if [ -z "$mpi" ] && [ "$local" -gt 1 ]; then
    if [ -n "$(first_program mpirun.openmpi mpirun)" ] && has_library libmpi.so.40; then
      mpi=openmpi
    elif [ -n "$(first_program mpirun.mpich mpirun)" ] && has_library libmpich.so.12; then
      mpi=mpich
    fi
  fi
  case $mpi in
    openmpi | mpich)
      mpirun_words "$mpi" "$local"
      command=("${launcher[@]}" "${program[@]}" run "$spec" "${overrides[@]}" --out "$out" --threads "$cpus_per_task")
      ;;
    "") command=("${program[@]}" run "$spec" "${overrides[@]}" --out "$out" --threads "$local") ;;
    *) fail "--local starts ranks with mpirun: --mpi must be openmpi or mpich" ;;
  esac
  if [ $dry_run = yes ]; then
    quote "${command[@]}"
    echo
    exit 0
  fi
  exec "${command[@]}"
fi

ranks=$((nodes * ntasks_per_node))
if [ -z "$mpi" ]; then
  if has_library libmpi.so.40; then mpi=pmix; elif has_library libmpich.so.12; then mpi=pmi2; else mpi=none; fi
fi
[ $mpi != none ] || [ $ranks -eq 1 ] || fail "$ranks ranks need MPI, and no library was found: load its module, or use --array"
run=("${program[@]}" run "$spec" "${overrides[@]}" --out "$out" --threads "$cpus_per_task")
signal=USR2@120
case $mpi in
  none) command=(srun -K --cpu-bind=none "${run[@]}") ;;
  pmix | pmi2) command=(srun -K "--mpi=$mpi" --cpu-bind=none "${run[@]}") ;;
  *)
    mpirun_words "$mpi" "$ranks"
    # Over several nodes Hydra starts its helpers with srun, and has to be told how many ranks each gets.
    if [ "$mpi" = mpich ]; then
      if [ "$nodes" -eq 1 ]; then launcher+=(-launcher fork); else launcher+=(-launcher slurm -ppn "$ntasks_per_node"); fi
    fi
    command=("${launcher[@]}" "${run[@]}")
    signal=B:USR2@120
    ;;
esac

log="$out/slurm-%j.log"
[ -z "$array" ] || log="$out/slurm-%A_%a.log"

job() {
  echo "#!/usr/bin/env bash"
  echo "#SBATCH --job-name=hpc-$label"
  echo "#SBATCH --nodes=$nodes"
  echo "#SBATCH --ntasks-per-node=$ntasks_per_node"
  echo "#SBATCH --cpus-per-task=$cpus_per_task"
  [ -z "$gpus_per_task" ] || echo "#SBATCH --gpus-per-task=$gpus_per_task"
  [ -z "$time" ] || echo "#SBATCH --time=$time"
  [ -z "$partition" ] || echo "#SBATCH --partition=$partition"
  [ -z "$array" ] || echo "#SBATCH --array=0-$((array - 1))"
  echo "#SBATCH --signal=$signal"
  echo "#SBATCH --output=\"$log\""
  echo "#SBATCH --open-mode=append"
  if [ $requeue = yes ]; then echo "#SBATCH --requeue"; else echo "#SBATCH --no-requeue"; fi
  # The ranks get the signals; the shell only has to outlive them. With mpirun it passes them on (Open MPI hands on USR1, MPICH TERM),
  # and what mpirun returns after that tells nothing: MPICH's 0 or 3 at random. A run that was asked to stop counts as stopped; if all
  # was done, the next start finds that out at once.
  cat <<JOB
export HWLOC_COMPONENTS="\${HWLOC_COMPONENTS:--opencl,-gl}"
echo "job \$SLURM_JOB_ID on \$SLURM_JOB_NODELIST, restart \${SLURM_RESTART_COUNT:-0}"
JOB
  case $mpi in
    openmpi | mpich)
      [ $mpi = openmpi ] && pass_on=USR1 || pass_on=TERM
      cat <<JOB
$(quote "${command[@]}")&
launcher=\$!
asked=no
trap 'asked=yes; kill -$pass_on \$launcher' TERM INT USR1 USR2
code=0
while kill -0 \$launcher 2>/dev/null; do
  code=0
  wait \$launcher || code=\$?
done
[ \$asked = no ] || code=3
JOB
      ;;
    *)
      cat <<JOB
trap : TERM INT USR1 USR2
code=0
$(quote "${command[@]}")|| code=\$?
JOB
      ;;
  esac
  if [ $requeue = yes ]; then
    cat <<'JOB'
# 3: stopped with everything saved. A job that ends in good order is never requeued by Slurm, so it asks for that itself, unless it
# was cancelled: then it is completing, and no longer running.
if [ $code -eq 3 ] && scontrol show job -o "$SLURM_JOB_ID" | grep -q JobState=RUNNING; then
  scontrol requeue "$SLURM_JOB_ID"
  code=75
fi
JOB
  fi
  echo "exit \$code"
}

finish() {
  echo "#!/usr/bin/env bash"
  echo "#SBATCH --job-name=hpc-$label-merge"
  echo "#SBATCH --ntasks=1"
  [ -z "$partition" ] || echo "#SBATCH --partition=$partition"
  echo "#SBATCH --output=\"$out/slurm-merge-%j.log\""
  echo "$(quote "${program[@]}" merge "$out")&& $(quote "${program[@]}" plot "$out")"
}

if [ $dry_run = yes ]; then
  job
  echo
  echo "# after it, whatever became of it:"
  finish
  exit 0
fi

command -v sbatch >/dev/null || fail "there is no sbatch here: use --local n, or log in to the cluster"
mkdir -p "$out"
submitted=$(job | sbatch --parsable)
submitted=${submitted%%;*}
merge=$(finish | sbatch --parsable "--dependency=afterany:$submitted")
logs=$(quote "${log//%[jA]/$submitted}")
# The shell of the job passes the signal on where it started mpirun, which is no step of Slurm.
[[ $signal == B:* ]] && send="--batch --signal=USR2" || send=--signal=USR2
cat <<EOF
job $submitted, then merge and plot as job ${merge%%;*}
  squeue -j $submitted              where it is
  tail -F ${logs//%a/*}
  $(quote "${program[@]}" status "$out")
  scancel $send $submitted  save and stop; scancel $submitted does so, too, and does not start it again
EOF
