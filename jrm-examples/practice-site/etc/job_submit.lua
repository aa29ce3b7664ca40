-- What a site's accounting would say at submission: which accounts and QOS exist, and the debug limits.
local accounts = { m3792 = true, csc266 = true }
-- maximum nodes, maximum minutes
local qos = { debug = { 8, 30 }, regular = {}, normal = {}, shared = {} }

function slurm_job_submit(job, partitions, uid)
  if job.account ~= nil and not accounts[job.account] then
    slurm.log_user("Invalid account or account/partition combination specified: %s", job.account)
    return slurm.ESLURM_INVALID_ACCOUNT
  end
  if job.qos ~= nil then
    local limit = qos[job.qos]
    if limit == nil then
      return slurm.ESLURM_INVALID_QOS or 2066
    end
    local nodes, minutes = job.min_nodes, job.time_limit
    if limit[1] and nodes ~= slurm.NO_VAL and nodes > limit[1] then
      slurm.log_user("QOSMaxNodePerJobLimit: %s takes at most %d nodes", job.qos, limit[1])
      return slurm.ERROR
    end
    if limit[2] and minutes ~= slurm.NO_VAL and minutes > limit[2] then
      slurm.log_user("QOSMaxWallDurationPerJobLimit: %s takes at most %d minutes", job.qos, limit[2])
      return slurm.ERROR
    end
  end
  return slurm.SUCCESS
end

function slurm_job_modify(job, record, partitions, uid)
  return slurm.SUCCESS
end

return slurm.SUCCESS
