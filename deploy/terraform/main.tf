# The audit loop as a Cloud Run job that Cloud Scheduler runs every quarter of an hour.
# Least privilege: the job reads logs and its two secrets; the scheduler may run this one job.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

resource "google_project_service" "needed" {
  for_each           = toset(["run.googleapis.com", "cloudscheduler.googleapis.com", "secretmanager.googleapis.com", "logging.googleapis.com"])
  service            = each.value
  disable_on_destroy = false
}

resource "google_service_account" "audit" {
  account_id   = "loganalyze-audit"
  display_name = "loganalyze audit loop"
}

resource "google_service_account" "scheduler" {
  account_id   = "loganalyze-scheduler"
  display_name = "Starts the loganalyze audit job"
}

resource "google_project_iam_member" "read_logs" {
  project = var.audited_project
  role    = "roles/logging.viewer"
  member  = google_service_account.audit.member
}

resource "google_secret_manager_secret_iam_member" "read_state_url" {
  project   = var.project
  secret_id = var.state_url_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.audit.member
}

resource "google_secret_manager_secret_iam_member" "read_github_token" {
  count     = var.github_repository == "" ? 0 : 1
  project   = var.project
  secret_id = var.github_token_secret
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.audit.member
}

resource "google_cloud_run_v2_job" "audit" {
  name                = "loganalyze-audit"
  location            = var.region
  deletion_protection = false

  template {
    # One at a time: the lease in the state sends a second one home with exit status 4.
    parallelism = 1
    task_count  = 1

    template {
      service_account = google_service_account.audit.email
      # A pass that could not publish keeps what it has for the next one: trying at once helps nobody.
      max_retries = 0
      # A job's own limit is ten minutes unless it is told otherwise; a catch-up may need more.
      timeout = "1800s"

      containers {
        image = var.image
        args = concat(
          ["audit", "--project", var.audited_project, "--env", var.environment],
          var.github_repository == "" ? [] : ["--publish", "github"],
        )

        resources {
          limits = {
            cpu    = "1"
            memory = "512Mi"
          }
        }

        env {
          name = "LOGANALYZE_STATE"
          value_source {
            secret_key_ref {
              secret  = var.state_url_secret
              version = "latest"
            }
          }
        }

        dynamic "env" {
          for_each = var.github_repository == "" ? [] : [var.github_repository]
          content {
            name  = "GITHUB_REPOSITORY"
            value = env.value
          }
        }

        dynamic "env" {
          for_each = var.github_repository == "" ? [] : [var.github_token_secret]
          content {
            name = "GITHUB_TOKEN"
            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }
      }
    }
  }

  depends_on = [
    google_project_service.needed,
    google_secret_manager_secret_iam_member.read_state_url,
  ]
}

resource "google_cloud_run_v2_job_iam_member" "run" {
  name     = google_cloud_run_v2_job.audit.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "every" {
  name             = "loganalyze-audit"
  region           = var.region
  schedule         = var.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.audit.id}:run"

    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}
